"""Pages of people, roles and keys. 人员与权限"""

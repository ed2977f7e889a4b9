"""Lists as files. 清单导出"""

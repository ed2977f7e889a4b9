"""Commands for what goes out. 导出"""

"""Every list as a file. 清单导出"""

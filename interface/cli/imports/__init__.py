"""Commands for tables that come in. 导入"""

"""What every query has: a day, a page, a scope. 查询"""

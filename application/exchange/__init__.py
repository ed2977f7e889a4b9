"""Tables that come in and go out: Excel and CSV. 表格交换"""

"""The machine below: the home, the database, the clock, failures. Knows no log. 运行平台"""

"""The PostgreSQL that an instance brings and runs by itself. 内置数据库"""

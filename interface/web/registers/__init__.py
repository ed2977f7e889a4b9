"""Pages of companies and estates. 名录"""

"""Units, companies, estates. 名录"""

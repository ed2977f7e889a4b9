"""Deductions of credit points. 信用扣分"""

"""Pages of deductions. 信用扣分"""

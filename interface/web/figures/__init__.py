"""Pages of figures. 统计分析"""

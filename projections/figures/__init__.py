"""Figures: their definitions and their sheets. 统计指标"""

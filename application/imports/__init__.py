"""Imports as events of the log: begun, finished, withdrawn. 导入批次"""

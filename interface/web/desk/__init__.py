"""The desk that the day begins at. 工作台"""

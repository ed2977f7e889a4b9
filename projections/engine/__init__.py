"""What keeps any read model up with the log, and makes it again. 读模型引擎"""

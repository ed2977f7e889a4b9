"""Where the world comes in. 接口层"""

"""Opening the identity behind a tip, by four eyes. 打开身份"""

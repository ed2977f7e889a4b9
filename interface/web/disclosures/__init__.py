"""Pages for opening an identity. 打开身份"""

"""Commands for keys. 密钥"""

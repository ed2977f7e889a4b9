"""Commands for the vault. 保密库"""

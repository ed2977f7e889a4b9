"""What may be destroyed: identities, words, keys, sealed under keys of their own. 保密库"""

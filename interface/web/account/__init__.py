"""One's own account, and signing in. 本人账号"""

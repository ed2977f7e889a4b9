"""What anybody may do without signing in: report, and ask what became of it. 公众页面"""

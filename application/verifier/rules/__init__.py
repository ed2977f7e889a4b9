"""What the log itself allows, folded from the log. 日志规则"""

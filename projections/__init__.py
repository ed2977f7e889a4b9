"""Read models: what the pages show, folded from the log. 读模型"""

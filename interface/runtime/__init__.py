"""What runs below any door: the HTTP server, logs, jobs, configuration. 运行环境"""

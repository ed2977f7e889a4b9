"""Officials, their roles, keys and second factors. 工作人员"""

"""What every page is made of: forms, fields, confirmation, labels, errors. 页面组件"""

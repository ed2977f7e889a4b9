"""The officials' and the public's door. 网页"""

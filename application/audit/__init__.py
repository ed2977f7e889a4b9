"""The service examines itself: everything held against everything else. 自查"""

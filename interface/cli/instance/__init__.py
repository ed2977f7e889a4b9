"""Commands for an instance as a whole: set up, serve, back up, examine. 实例"""

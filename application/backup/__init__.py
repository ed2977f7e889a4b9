"""Backups: made, read, proved, put back. 备份"""

"""Problems, their numbers, evidence and handing over. 问题"""

"""The verifier: Python and cryptography alone, shares nothing with the service. 核验工具"""

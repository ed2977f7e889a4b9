"""What is true in the business. 领域"""

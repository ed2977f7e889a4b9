"""What the commission does on its own machine. 监督机关工具"""

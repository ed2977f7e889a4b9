"""Work on what strangers sent, done in a child process with limits of memory and time. 受限子进程"""

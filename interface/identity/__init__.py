"""Who is at the door: sessions, credentials, devices, throttles. 身份"""

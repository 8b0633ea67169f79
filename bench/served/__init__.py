"""What gunicorn serves while measuring: the bare floor, a plain REST project, and the product itself."""

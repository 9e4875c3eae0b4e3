import os

from django.core.wsgi import get_wsgi_application

from clinic.config.garbage import set_the_program_aside

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.config.settings")

application = get_wsgi_application()
set_the_program_aside()

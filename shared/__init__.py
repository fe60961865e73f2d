"""The backend of Chatr. It is stateless: between calls it keeps only clients and caches.

The folders are floors: each uses only those below it. From the top: the commands ``cleanup/`` and ``revocation/``,
``http/``, ``clients``, ``descriptions/``, ``dispatch``, ``adapters/``, ``rules/``, ``trust/``, ``backend``,
``settings``, ``ports/``, ``wire/``, ``flow/``, ``logs``, ``model/``. ``tests/walls/test_shared.py`` holds this.
"""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStorage(CompressedManifestStaticFilesStorage):
    """Hashed names for ever-cached files, also inside ES module imports."""

    support_js_module_import_aggregation = True

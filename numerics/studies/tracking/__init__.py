"""Do the published LLCs track generalisation, foretell it, or tell who has generalised?"""

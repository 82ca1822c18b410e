"""Does the localised excess foresee generalisation?"""

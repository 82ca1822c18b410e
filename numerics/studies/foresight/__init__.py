"""Does the LLC foresee generalisation?"""

"""Which fits of the labels of modular addition training reaches: those that `modular-addition-labels` is about?"""

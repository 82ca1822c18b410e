"""Data that the checker multiplies out: linear programs, cofactors, factors, reasons why a form has no zeros."""

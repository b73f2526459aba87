"""Files that commissioners open in Word, Excel and LibreOffice, drawn from a released result."""

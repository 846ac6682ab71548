"""Texts as brands write them, in about the shares in which they arrive at the form."""

CARRIED = (
    "Recarga $100 y recibe 2 GB en movistar.mx/promo",
    "Pizza grande por $99 hasta el domingo. Pide en lanonna.mx",
    "Llama al 5512345678 y agenda tu cita hoy",
    "Tu tienda abre 24/7. Compra en tienda.mx/hoy, recoge gratis",
    "2x1 en cines este martes. Presenta este mensaje en taquilla",
    "Estrena celular desde $1,999.00 con entrega en 24 h",
    "Gimnasio a $299 al mes, sin anualidad. Informes al 3331234567",
    "Vuela a Monterrey desde $899. Reserva en vuela.mx/mty",
    "Hoy 20 por ciento menos en toda la tienda con tu tarjeta",
    "Escribe a ventas@ferre.mx y recibe tu presupuesto",
    "Consulta dental $150 en la colonia Roma. 01800123456",
    "Plan 5 GB por $199, sin plazo forzoso",
    "Ultimo dia. Colchones a mitad de precio en Av. Juarez 12",
    "Bienvenido a Puebla. Tour del centro $250, sale 10.30",
    "Gracias por tu llamada. Visita nuestra sucursal",
    "Carta completa en menu.mx/cafe y envio gratis desde $200",
)
ACCENTS_AND_SIGNS = (
    "¡Mañana 50% en “pizzas”! Tel: 55-1234-5678",
    "¿Sin saldo? Recarga $50 y llévate 1 GB: movistar.mx/recarga",
    "Promo: https://movistar.mx/promo, sólo hoy",
    "Año nuevo, línea nueva: pregunta por tu promoción",
    "Café de olla y pan de muerto a $45 – solo en Coyoacán",
    "Compañía Niño Feliz: útiles con 15% de descuento",
    "Tu crédito está listo: preséntate con tu identificación",
    "Feria del niño, ¡entrada gratis! Sábado y domingo",
    "Envíos a toda la República; más info en envios.mx",
    "Corazón de melón 🍈 aguas frescas 2×1 en el tianguis",
)
PHONES = (
    "Pide al 55 1234 5678 y te llega en 30 minutos",
    "Citas al (33) 1234-5678 o al 81 1234 5678",
    "Llama sin costo 01 800 123 4567 todos los dias",
    "Mariscos El Puerto. Reserva +52 669 123 4567",
    "WhatsApp 222-123-45-67 para cotizar tu mudanza",
    "Plomero 24 h, tel. 56.1234.5678, llega en una hora",
)
TOO_LONG = (
    (
        "Gran venta de temporada en todas nuestras tiendas del pais, hasta 50 por ciento menos en "
        "ropa, calzado y hogar. Consulta condiciones en tienda.mx/venta"
    ),
    (
        "Inscripciones abiertas para el ciclo escolar que empieza en agosto, becas hasta del 80 "
        "por ciento. Llama al 5512345678 o visita escuela.mx"
    ),
    (
        "Este fin de semana ven a conocer la nueva colección de otoño: chamarras, botas y suéteres "
        "a precios que no vas a creer. ¡Te esperamos en Av. Insurgentes 123!"
    ),
    ("Términos y condiciones: la promoción es válida del 1 al 30 de noviembre. " * 12)[:800],
)

KINDS = {
    "carried as they are": CARRIED,
    "accents and signs": ACCENTS_AND_SIGNS,
    "phones": PHONES,
    "too long": TOO_LONG,
}
MIX = CARRIED * 2 + ACCENTS_AND_SIGNS + PHONES + TOO_LONG
